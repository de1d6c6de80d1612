/**
 * An object that inherits nothing, for names from outside. Unlike one of `Object.create(null)` it is not a dictionary
 * from the start: V8 reads, copies and lists it about four times as fast.
 */
export const Bare = function Bare() {} as unknown as new <Value>() => Record<string, Value>;
Bare.prototype = Object.create(null);
