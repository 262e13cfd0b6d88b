const second = 1;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span as kubectl shows it: two units while it is short (apimachinery:pkg/util/duration/duration.go@v0.36.2). */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < -1) return '<invalid>';
  if (whole < 0) return '0s';
  if (whole < 2 * minute) return `${whole}s`;
  const minutes = Math.floor(whole / minute);
  if (minutes < 10) return whole % minute === 0 ? `${minutes}m` : `${minutes}m${whole % minute}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(whole / hour);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(whole / day);
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

export function ageOf(timestamp: string | undefined): string {
  if (timestamp === undefined) return '<unknown>';
  return humanDuration((Date.now() - Date.parse(timestamp)) / 1000);
}
