/** A list in pieces of at most `size`, in its order. */
export function chunks<T>(all: readonly T[], size: number): T[][] {
  const pieces: T[][] = []
  for (let start = 0; start < all.length; start += size) pieces.push(all.slice(start, start + size))
  return pieces
}
