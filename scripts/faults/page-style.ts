/** How the matrix page looks: colours that also tell apart in grey, and a dark variant. */
export const style = `
  body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
  table { border-collapse: collapse; } table:not(.picture) { width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; }
  small { color: #59636e; }
  .big { font-size: 1.15rem; } .big b { font-size: 1.5rem; }
  .picture td { padding: .15rem .3rem; vertical-align: middle; } .picture .id { font-variant-numeric: tabular-nums; }
  .picture th.check { height: 13rem; padding: 0 .3rem .4rem; vertical-align: bottom; border-bottom-width: 2px; }
  .picture th.check span { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; white-space: nowrap; }
  .picture .fault { white-space: nowrap; padding-right: 1rem; } .picture th.fault, .picture th.verdict { vertical-align: bottom; }
  .picture .upstream { border-left: 2px solid #afb8c1; padding-left: .7rem; } .picture .verdict { padding-left: 1rem; white-space: nowrap; }
  .picture tbody tr:hover { background: #f6f8fa; }
  i { display: inline-block; width: 1.15rem; height: 1.15rem; border-radius: .25rem; vertical-align: middle; }
  i.hit { background: #1a7f37; } i.partly { background: repeating-linear-gradient(45deg, #1a7f37 0 3px, #aceebb 3px 6px); }
  i.none { background: #eff1f3; } i.seen { background: #0969da; } i.missed { background: #fff; box-shadow: inset 0 0 0 2px #cf222e; }
  .legend i { margin: 0 .3rem 0 1rem; }
  .cell { padding: .05rem .45rem; border-radius: .6rem; white-space: nowrap; background: #eaeef2; }
  .caught, .silent { background: #dafbe1; }
  .survived, .false-alarm, .no-result { background: #ffd7d5; }
  .caught-otherwise, .unclear { background: #fff8c5; }
  @media (prefers-color-scheme: dark) {
    body { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; } small { color: #9198a1; } a { color: #4493f8; }
    .picture tbody tr:hover { background: #161b22; } i.none { background: #21262d; } i.missed { background: #0d1117; }
    .cell { background: #30363d; } .caught, .silent { background: #12461f; } .survived, .false-alarm, .no-result { background: #78191b; }
    .caught-otherwise, .unclear { background: #5c4813; }
  }
`;
