/** The error list: numbers, filters, rows, and what can be done to them. Its address says what it shows. */
import { useRef, useState } from 'react'
import { useKeptQuery } from '../../graph/use_kept_query'
import { HelpIcon, IconButton, Page } from '../../parts'
import { useViewer } from '../../session'
import { HelpDialog } from './actions/help_dialog'
import { useWayBackHere } from '../back'
import { write } from './address'
import { useAsked } from './asked'
import { FilterChoicesDocument } from './documents'
import { FilterBar } from './filters/filter_bar'
import { Search } from './filters/search'
import { Views } from './filters/views'
import { Listed } from './listed'
import styles from './page.module.css'
import { Stats } from './stats'
import { useFilters } from './use_filters'
import { useNumbers } from './use_numbers'

export default function ErrorListPage() {
  const [filters, refine] = useFilters()
  const [{ data: choices }] = useKeptQuery({ query: FilterChoicesDocument })
  const [isHelpOpen, setHelpOpen] = useState(false)
  const search = useRef<HTMLInputElement>(null)
  const canChange = useViewer().may('MANAGE_ERRORS')
  const key = write(filters).toString()
  const [asked, renew] = useAsked(key)
  useWayBackHere(key)
  const numbers = useNumbers(asked.filter)
  const total = numbers.data?.errors.totalCount
  return (
    <Page
      title="Errors"
      actions={
        <IconButton
          label="Keyboard shortcuts"
          icon={<HelpIcon />}
          onClick={() => {
            setHelpOpen(true)
          }}
        />
      }
    >
      <div className={styles.list}>
        <Stats numbers={numbers.data?.errorStats} filters={filters} refine={refine} />
        <div className={styles.top}>
          <Views filters={filters} total={total} refine={refine} />
          <Search ref={search} value={filters.search} refine={refine} />
        </div>
        <FilterBar filters={filters} choices={choices} total={total} refine={refine} />
        <Listed
          address={key}
          asked={asked}
          renew={renew}
          filters={filters}
          choices={choices}
          numbers={numbers}
          canChange={canChange}
          refine={refine}
          onSearch={() => search.current?.focus()}
          onHelp={() => {
            setHelpOpen(true)
          }}
        />
      </div>
      {isHelpOpen && (
        <HelpDialog
          mayAct={canChange}
          onClose={() => {
            setHelpOpen(false)
          }}
        />
      )}
    </Page>
  )
}
