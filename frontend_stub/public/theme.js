// Before anything is drawn: the theme that was chosen here, or the system's, so that no page flashes in the other one.
let chosen = null
try {
  chosen = localStorage.getItem('snaglist.theme')
} catch {
  // a browser without storage has the system's theme
}
const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
