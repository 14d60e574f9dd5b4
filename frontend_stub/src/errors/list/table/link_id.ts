/** The id, in the document, of the link in an error's row: the keyboard's row has the focus there. */
export function linkId(id: string): string {
  return `error-${id}`
}
