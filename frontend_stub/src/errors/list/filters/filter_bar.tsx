/** The row of filters: what is in force, one more, none at all; and the time and the order. */
import { ArrowUpIcon, Button, IconButton, Menu, SortIcon } from '../../../parts'
import { cleared, type Filters, isFiltered, ORDERS } from '../address'
import { type Choices, chips } from '../fields'
import type { Refine } from '../use_filters'
import { errors, ORDER_WORDS } from '../words'
import { Chip } from './chip'
import styles from './filter_bar.module.css'
import { FilterMenu } from './filter_menu'
import { Times } from './times'

interface Props {
  filters: Filters
  choices: Choices | undefined
  /** How many errors match. */
  total: number | undefined
  refine: Refine
}

export function FilterBar({ filters, choices, total, refine }: Props) {
  return (
    <div className={styles.bar}>
      <div className={styles.conditions}>
        <FilterMenu filters={filters} choices={choices} refine={refine} />
        {chips(filters, choices).map((chip) => (
          <Chip key={chip.field.key} chip={chip} filters={filters} choices={choices} refine={refine} />
        ))}
        {isFiltered(filters) && (
          <Button
            kind="quiet"
            size="s"
            onClick={() => {
              refine(cleared(filters))
            }}
          >
            Clear
          </Button>
        )}
        {isFiltered(filters) && total !== undefined && <span className={styles.total}>{errors(total)}</span>}
      </div>
      <div className={styles.order}>
        <Times filters={filters} refine={refine} />
        <Order filters={filters} refine={refine} />
      </div>
    </div>
  )
}

function Order({ filters, refine }: Pick<Props, 'filters' | 'refine'>) {
  const { field, direction } = filters.sort
  const isUp = direction === 'ASC'
  return (
    <div className={styles.sort} role="group" aria-label="Order">
      <Menu
        label={ORDER_WORDS[field]}
        size="s"
        icon={<SortIcon />}
        items={ORDERS.map((each) => ({
          label: ORDER_WORDS[each],
          checked: each === field,
          onSelect: () => {
            refine({ sort: { field: each, direction: 'DESC' } })
          },
        }))}
      />
      <IconButton
        size="s"
        label={isUp ? 'Lowest first: turn the order round' : 'Highest first: turn the order round'}
        icon={<ArrowUpIcon className={isUp ? undefined : styles.down} />}
        onClick={() => {
          refine({ sort: { field, direction: isUp ? 'DESC' : 'ASC' } })
        }}
      />
    </div>
  )
}
