/**
 * An app's settings as a form has them, and as the graph wants them.
 *
 * Comes in: an app, or nothing. Goes out: the inputs of `appCreate` and `appUpdate`.
 */

import type { AppCreateInput, AppSetUpFragment, AppUpdateInput, IgnoreRuleInput } from '../graph/generated/graphql'
import { entries } from '../projects/entries'

export interface RuleForm {
  /** What tells the rows apart while they are typed in. */
  key: number
  exceptionType: string
  message: string
}

export interface AppForm {
  projectId: string
  name: string
  slug: string
  platform: string
  sampleRate: string
  quotaPerMinute: string
  ignoreRules: readonly RuleForm[]
  inAppInclude: string
  inAppExclude: string
}

/** The graph's names of the fields, each of which shows what is wrong with it. */
export const APP_FIELDS = [
  'projectId',
  'name',
  'slug',
  'platform',
  'sampleRate',
  'quotaPerMinute',
  'ignoreRules',
  'inAppInclude',
  'inAppExclude',
] as const

/** The form of an app to be. */
export function blankApp(projectId: string): AppForm {
  return {
    projectId,
    name: '',
    slug: '',
    platform: 'python',
    sampleRate: '100',
    quotaPerMinute: '',
    ignoreRules: [],
    inAppInclude: '',
    inAppExclude: '',
  }
}

/** The form of an app. */
export function appForm(app: AppSetUpFragment): AppForm {
  return {
    projectId: app.project.id,
    name: app.name,
    slug: app.slug,
    platform: app.platform,
    sampleRate: percent(app.sampleRate),
    quotaPerMinute: app.quotaPerMinute === null ? '' : String(app.quotaPerMinute),
    ignoreRules: app.ignoreRules.map((rule, key) => ({
      key,
      exceptionType: rule.exceptionType ?? '',
      message: rule.message ?? '',
    })),
    inAppInclude: app.inAppInclude.join('\n'),
    inAppExclude: app.inAppExclude.join('\n'),
  }
}

/** A share as people write it, without what computers add: 0.07 is `7`. */
export function percent(share: number): string {
  return String(Number((share * 100).toFixed(6)))
}

/** What is wrong with numbers, which the graph could only refuse as a whole; empty where all is well. */
export function wrongNumbers(form: AppForm): [string, string][] {
  const found: [string, string][] = []
  const rate = Number(form.sampleRate)
  if (form.sampleRate.trim() === '' || !(rate >= 0 && rate <= 100)) {
    found.push(['sampleRate', 'A share is 0 to 100 percent.'])
  }
  if (!/^\s*\d{0,9}\s*$/.test(form.quotaPerMinute)) {
    found.push(['quotaPerMinute', 'A quota is a whole number of events, or nothing for as many as come.'])
  }
  return found
}

function common(form: AppForm) {
  const quota = form.quotaPerMinute.trim()
  return {
    name: form.name.trim(),
    slug: form.slug.trim() || null,
    platform: form.platform.trim() || 'other',
    sampleRate: Number(form.sampleRate) / 100,
    quotaPerMinute: quota === '' ? null : Number(quota),
    ignoreRules: rules(form.ignoreRules),
    inAppInclude: entries(form.inAppInclude),
    inAppExclude: entries(form.inAppExclude),
  }
}

function rules(typed: readonly RuleForm[]): IgnoreRuleInput[] {
  return typed
    .filter((rule) => rule.exceptionType.trim() || rule.message.trim())
    .map((rule) => ({ exceptionType: rule.exceptionType.trim() || null, message: rule.message.trim() || null }))
}

/** The app to be. */
export function appCreateInput(form: AppForm): AppCreateInput {
  return { projectId: form.projectId, ...common(form) }
}

/** The app as it is to be. */
export function appUpdateInput(id: string, form: AppForm): AppUpdateInput {
  return { id, ...common(form) }
}
