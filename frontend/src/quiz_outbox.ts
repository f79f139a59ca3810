import { recall, recallAll, remember } from "./memory";

/**
 * Answers on their way. They stay in the browser's storage until the server has them: over cut
 * lines, closed tabs and days. The pass says whose they are, so it does not matter who is signed in
 * when they go; sent twice they count once, by the id that was made here.
 */
export interface Outgoing {
  id: string;
  itemId: string;
  personId: string;
  quizPass: string;
  answers: Record<string, string[]>;
  /** From the questions to the answer, by a clock that nobody sets. */
  elapsedS: number;
  deviceAt: string;
}

/** What became of answers: the server has them, refused them, or they wait for a connection. */
export type Fate = "arrived" | "refused" | "no_tries" | "waiting";

/** Told on `document` with the answers and their fate, when they no longer wait. */
export const SETTLED = "quiz-settled";

const PREFIX = "quiz-out:";
const ADDRESS = "/api/v1/quiz-attempts/";
const UNSETTLED = [408, 425, 429];
const CONFLICT = 409;
const onTheirWay = new Set<string>();

/** Keeps answers on the device until they have arrived. */
export function keep(outgoing: Outgoing): void {
  remember(PREFIX + outgoing.id, JSON.stringify(outgoing));
}

/** Returns under what the device keeps what a person types before it is sent. */
export function draftName(personId: string, itemId: string): string {
  return `quiz-draft:${personId}:${itemId}`;
}

/** Returns the answers of this person to this quiz that have not arrived; null if there are none. */
export function waitingFor(personId: string, itemId: string): Outgoing | null {
  const all = recallAll(PREFIX).map((text) => JSON.parse(text) as Outgoing);
  return all.find((each) => each.personId === personId && each.itemId === itemId) ?? null;
}

/** Sends what waits here. Returns what became of each. */
export async function sendLeft(): Promise<Fate[]> {
  const fates: Fate[] = [];
  for (const text of recallAll(PREFIX)) fates.push(await send(JSON.parse(text) as Outgoing));
  return fates;
}

/** Sends answers and tells their fate; those that are on their way already are left to it. */
export async function send(outgoing: Outgoing): Promise<Fate> {
  if (onTheirWay.has(outgoing.id)) return "waiting";
  onTheirWay.add(outgoing.id);
  const fate = await fateOf(outgoing);
  onTheirWay.delete(outgoing.id);
  if (fate === "waiting" || recall(PREFIX + outgoing.id) === null) return fate;
  remember(PREFIX + outgoing.id, null);
  // What was refused is not lost: it stands in the form again.
  const { personId, itemId, answers } = outgoing;
  if (fate === "refused") remember(draftName(personId, itemId), JSON.stringify(answers));
  document.dispatchEvent(new CustomEvent(SETTLED, { detail: { outgoing, fate } }));
  return fate;
}

async function fateOf(outgoing: Outgoing): Promise<Fate> {
  const { id, quizPass, answers, elapsedS, deviceAt } = outgoing;
  try {
    const answer = await fetch(ADDRESS + id, {
      method: "PUT",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        quiz_pass: quizPass, answers, elapsed_s: elapsedS, device_at: deviceAt,
      }),
    });
    if (answer.ok) return "arrived";
    if (answer.status === CONFLICT) return "no_tries";
    return answer.status >= 500 || UNSETTLED.includes(answer.status) ? "waiting" : "refused";
  } catch {
    return "waiting"; // no connection
  }
}
