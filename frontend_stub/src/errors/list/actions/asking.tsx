/** The dialog for what is asked. */
import { AssignDialog, DeleteDialog, ResolveDialog } from './dialogs'
import type { AskProps, Question } from './ask'
import { MergeDialog } from './merge_dialog'
import { MuteDialog } from './mute_dialog'

const DIALOGS = {
  resolve: ResolveDialog,
  mute: MuteDialog,
  assign: AssignDialog,
  merge: MergeDialog,
  delete: DeleteDialog,
}

export function Asking({ question, ...props }: AskProps & { question: Question }) {
  const Shown = DIALOGS[question]
  return <Shown {...props} />
}
