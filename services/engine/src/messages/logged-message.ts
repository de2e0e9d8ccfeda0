/** A message of a stream, with its place and the stream's own time in microseconds. */
export interface LoggedMessage {
  sequence: number;
  atUs: number;
  subject: string;
  payload: Uint8Array;
}
