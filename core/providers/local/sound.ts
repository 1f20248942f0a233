/** A quiet pad and, for sea or rain, a bed of filtered noise: arguments for ffmpeg, no audio files. Telegram shows silent clips as animations. */
import type { Plan } from './plan.ts';

const ROOTS_HZ = [98, 110, 123.47, 130.81, 146.83, 164.81];
const PARTIALS = [1, 1.5, 2, 2.52, 3];

export interface Sound {
  inputs: string[];
  /** Gives `[sound]` from input 1 on. */
  filter: string;
}

/** The same seed sounds the same. */
export function ambient(seed: number, seconds: number, { scene, weather }: Partial<Pick<Plan, 'scene' | 'weather'>>): Sound {
  const turn = Math.abs(Math.trunc(seed));
  const root = ROOTS_HZ[turn % ROOTS_HZ.length] ?? 110;
  const channel = (detune: number, shift: number) =>
    PARTIALS.map((partial, i) => {
      const volume = (0.16 / (1 + i * 0.6)).toFixed(3);
      const pitch = (root * partial * detune).toFixed(2);
      const tremolo = (0.11 + shift + 0.07 * i).toFixed(2);
      return `${volume}*sin(2*PI*${pitch}*t+${i})*(0.6+0.4*sin(2*PI*${tremolo}*t+${(i * 1.7).toFixed(1)}))`;
    }).join('+');
  const pad = ['-f', 'lavfi', '-i', `aevalsrc='${channel(1, 0)}|${channel(1.003, 0.02)}':s=44100:d=${seconds}`];
  const ending = `afade=t=in:d=0.6,afade=t=out:st=${(seconds - 0.8).toFixed(1)}:d=0.8,alimiter=limit=0.8[sound]`;
  if (weather !== 'rain' && scene !== 'ocean') return { inputs: pad, filter: `[1:a]lowpass=f=1800,${ending}` };

  const rain = weather === 'rain';
  const noise = `anoisesrc=d=${seconds}:c=${rain ? 'pink' : 'brown'}:r=44100:a=0.25:seed=${turn % 2 ** 31}`;
  const bed = rain ? 'highpass=f=700,lowpass=f=7000' : 'lowpass=f=900,tremolo=f=0.2:d=0.7';
  return {
    inputs: [...pad, '-f', 'lavfi', '-i', noise],
    filter: `[1:a]lowpass=f=1800[pad];[2:a]${bed},aformat=channel_layouts=stereo,volume=0.5[bed];[pad][bed]amix=inputs=2:normalize=0,${ending}`,
  };
}
