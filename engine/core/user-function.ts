// A function of the user's program. Its types were checked by the API; inside the engine it is any.

// biome-ignore lint/suspicious/noExplicitAny: the API's types checked it.
export type UserFunction = (...args: any[]) => any;
