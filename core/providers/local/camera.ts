import { clamp, ease, lerp } from './maths.ts';

export interface View {
  /** 1 shows as much of the picture as covers the frame. */
  zoom: number;
  /** Centre, as parts of the picture's width and height. */
  x: number;
  y: number;
}

export interface Shot {
  /** Seconds. */
  from: number;
  to: number;
  start: View;
  end: View;
}

const DISSOLVE_SECONDS = 0.6;

interface Point {
  x: number;
  y: number;
}

/**
 * A wide shot that drifts towards what draws the eye, then, when there is time, a close one that drifts past it. `visible` is the part
 * of the picture's width and height that zoom 1 shows.
 */
export function planShots(seconds: number, focus: Point, visible: Point, mirrored: boolean): [Shot, ...Shot[]] {
  const side = mirrored ? -1 : 1;
  const view = (zoom: number, x: number, y: number) => inside({ zoom, x, y }, visible);
  const whole = view(1.02, 0.5, 0.5);
  const nearer = view(1.18, lerp(0.5, focus.x, 0.5), lerp(0.5, focus.y, 0.5));
  if (seconds < 4) return [{ from: 0, to: seconds, start: whole, end: nearer }];
  const cut = seconds * 0.55;
  const past = view(1.55, focus.x + 0.04 * side, focus.y);
  const away = view(1.36, focus.x - 0.05 * side, focus.y - 0.02);
  return [
    { from: 0, to: cut + DISSOLVE_SECONDS / 2, start: whole, end: nearer },
    { from: cut - DISSOLVE_SECONDS / 2, to: seconds, start: past, end: away },
  ];
}

/** Moved so far that it shows nothing beside the picture. Between two such views every view is one, so the camera need never stop at an edge. */
function inside({ zoom, x, y }: View, visible: Point): View {
  const within = (at: number, part: number) => clamp(at, part / zoom / 2, 1 - part / zoom / 2);
  return { zoom, x: within(x, visible.x), y: within(y, visible.y) };
}

/** Where the camera stands at a time; it starts and stops gently. */
export function viewAt({ from, to, start, end }: Shot, time: number): View {
  const t = ease(clamp((time - from) / (to - from)));
  return { zoom: lerp(start.zoom, end.zoom, t), x: lerp(start.x, end.x, t), y: lerp(start.y, end.y, t) };
}
