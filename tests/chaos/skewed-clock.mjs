// Loaded before a program: its clock is off by CLOCK_SKEW_MS, as that of a machine without NTP. Timers are not.
import process from 'node:process';

const skewMs = Number(process.env.CLOCK_SKEW_MS ?? 0);
const RealDate = Date;
globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + skewMs);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + skewMs;
  }
};
