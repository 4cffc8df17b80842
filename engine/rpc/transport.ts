// How processes reach one another: a seam, so that the simulation can lose, delay and repeat messages.
// A connection carries structured values in order, or breaks; nothing is repeated by it.

export interface Connection {
  /** The other end, for messages to people. */
  readonly peer: string;
  /** What cannot be delivered is lost with the connection. @throws for a value that cannot be written as bytes. */
  send(message: unknown): void;
  /** Handlers are set before the next turn of the event loop, or messages would be missed. */
  onMessage(handler: (message: unknown) => void): void;
  /** Called once, whoever closed it. */
  onClose(handler: (reason: string) => void): void;
  close(): void;
}

export interface Listener {
  /** As others connect to it: with the port that was taken. */
  readonly address: string;
  close(): Promise<void>;
}

/** Addresses: `unix:/path` or `tcp:host:port`. */
export interface Transport {
  listen(address: string, accept: (connection: Connection) => void): Promise<Listener>;
  /** Rejects when nobody listens there, or when the other end does not accept us. */
  connect(address: string): Promise<Connection>;
}
