/** What scrolls the page: the frame's content where that has a bar of its own, the window on a phone. */
export function scroller(): Element {
  const main = document.getElementById('main')
  const isOwn = main !== null && getComputedStyle(main).overflowY === 'auto'
  return isOwn ? main : (document.scrollingElement ?? document.documentElement)
}
