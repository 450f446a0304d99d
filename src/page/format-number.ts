/** @file Formats numbers for readers. */

/** 1234567 as "1,234,567". */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A share from 0 to 1 as a percentage: 0.5715 is "57.2 %". */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A duration: "0.4 s", "12 s", "3 min 05 s", "2 h 07 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** The day of an ISO 8601 time: "2000-12-30". */
export function formatDay(iso: string): string {
  return iso.slice(0, 10);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
