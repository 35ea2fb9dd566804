/** A plugin's globals besides `fetch` and `console`; none reaches the system. All others are removed. */
const allowed = new Set(
  `globalThis self Infinity NaN undefined
  Object Function Array Number Boolean String Symbol BigInt Date Promise RegExp JSON Math Intl Temporal Reflect Proxy
  Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator DisposableStack AsyncDisposableStack
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError
  ArrayBuffer SharedArrayBuffer Atomics DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array
  BigUint64Array BigInt64Array Uint8ClampedArray Float16Array Float32Array Float64Array WebAssembly
  parseFloat parseInt isFinite isNaN decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval
  URL URLSearchParams URLPattern TextEncoder TextDecoder TextEncoderStream TextDecoderStream atob btoa
  Blob File FormData Headers Request Response AbortController AbortSignal DOMException
  Event EventTarget CustomEvent ErrorEvent MessageEvent ProgressEvent MessageChannel MessagePort structuredClone
  ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableStreamDefaultController ReadableByteStreamController WritableStream WritableStreamDefaultWriter
  WritableStreamDefaultController TransformStream TransformStreamDefaultController ByteLengthQueuingStrategy
  CountQueuingStrategy CompressionStream DecompressionStream
  crypto Crypto CryptoKey SubtleCrypto performance Performance
  queueMicrotask setTimeout clearTimeout setInterval clearInterval`.split(/\s+/),
);

/** Removes all other globals. Symbols stay: two of them let the harness's listeners catch unhandled errors. */
export const removeGlobals = (): void => {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (typeof key === "symbol" || allowed.has(key)) continue;
    if (!Reflect.deleteProperty(globalThis, key)) throw new Error(`${key} cannot be removed`);
  }
};

/** Defines a global. The plugin may replace it, because only the plugin uses it. */
export const putGlobal = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
};
