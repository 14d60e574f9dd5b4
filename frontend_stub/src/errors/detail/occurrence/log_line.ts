/**
 * A line of an Odoo log, cut into its parts so that it can be read at a glance.
 *
 * Comes in: a line as it stands in the log, also one that is no record (of a traceback, or of another program). Goes out:
 * its time, level, logger and text, or null where it has no such form.
 */

export interface LogLine {
  time: string
  level: string
  logger: string
  text: string
}

const RECORD =
  /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)[,.]\d+ \d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ ([\w.$-]+): (.*)$/

/** The parts of a record's first line; null for any other line. */
export function logLine(line: string): LogLine | null {
  const found = RECORD.exec(line)
  if (!found) return null
  const [, time = '', level = '', logger = '', text = ''] = found
  return { time, level, logger, text: text.trimEnd() }
}
