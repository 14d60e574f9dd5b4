/** What a traceback needs of an exception and of its frames. */

import { graphql } from '../../../graph/generated'

export const FRAME_SHOWN = graphql(`
  fragment FrameShown on Frame {
    path
    line
    column
    function
    module
    inApp
    contextLine
    contextBefore
    contextAfter
    variables
  }
`)
