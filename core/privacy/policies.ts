/** One published version of the privacy policy. Once published it is never changed: another text is another version. */
export interface Policy {
  /** The day on which it takes effect, which is its name: "2025-12-21". */
  version: string;
  /** When it was published; significant changes at least 30 days before they take effect. */
  publishedAt: Date;
  effectiveAt: Date;
  /** A significant change is told by e-mail too. */
  isSignificant: boolean;
  /** What is different from the version before, one sentence each; empty for the first. */
  changes: readonly string[];
  sections: readonly { title: string; paragraphs: readonly string[] }[];
}

/** The policy in force at a moment (milliseconds since the epoch): the last whose day has come. */
export function policyAt(policies: readonly Policy[], at: number): Policy {
  const inForce = policies.findLast(({ effectiveAt }) => effectiveAt.getTime() <= at) ?? policies[0];
  if (!inForce) throw new Error('there is no privacy policy');
  return inForce;
}

/** The newest published version, in force or still to come. */
export function newestPolicy(policies: readonly Policy[], at: number): Policy {
  return policies.findLast(({ publishedAt }) => publishedAt.getTime() <= at) ?? policyAt(policies, at);
}
