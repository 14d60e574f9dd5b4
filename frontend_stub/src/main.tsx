import '@fontsource-variable/inter/wght.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app'
import { takeTokenFromAddress } from './session'
import './theme/tokens.css'
import './theme/reset.css'
import './theme/theme'

takeTokenFromAddress() // before anything reads the address

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
