-- The first migration: every table that SPEC.md asks for as far as it can be seen.
-- PostgreSQL 15 and newer. Statuses, severities, priorities and kinds are small integers or short text checked here.

create table organization (
    id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    created_at timestamptz not null
);

create table person (
    id uuid primary key,
    email text not null check (length(email) between 3 and 320),
    name text not null check (length(name) between 1 and 200),
    password_hash text,
    created_at timestamptz not null,
    disabled_at timestamptz
);
create unique index person_email on person (lower(email));

create table membership (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    person_id uuid not null references person on delete cascade,
    role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
    created_at timestamptz not null,
    unique (organization_id, person_id)
);
create index membership_person on membership (person_id);

-- Sessions, personal tokens and agents' tokens; the secret itself is never stored.
create table access_token (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    person_id uuid references person on delete cascade,
    kind text not null check (kind in ('session', 'personal', 'agent')),
    name text not null check (length(name) between 1 and 200),
    digest bytea not null unique check (length(digest) = 32),
    scopes text[] not null,
    role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    check (kind = 'agent' or person_id is not null)
);
create index access_token_organization on access_token (organization_id);
create index access_token_person on access_token (person_id);

create table project (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    time_zone text not null default 'UTC',
    cooldown_seconds integer not null default 300 check (cooldown_seconds between 0 and 86400),
    auto_resolve_days integer not null default 3 check (auto_resolve_days between 1 and 365),
    retention_days integer not null default 90 check (retention_days between 1 and 3650),
    regress_without_version boolean not null default false,
    priority_weights jsonb not null default '{}',
    alert_frequency text not null default 'DAILY'
        check (alert_frequency in ('NONE', 'HOURLY', 'SIX_HOURLY', 'DAILY', 'WEEKLY')),
    github_threshold integer not null default 1 check (github_threshold > 0),
    github_daily_cap integer not null default 20 check (github_daily_cap >= 0),
    created_at timestamptz not null,
    deleted_at timestamptz
);
create unique index project_slug on project (organization_id, slug) where deleted_at is null;

create table github_connection (
    project_id uuid primary key references project on delete cascade,
    base_url text not null,
    repository text not null,
    repository_id bigint,
    credentials bytea not null, -- encrypted
    webhook_secret bytea, -- encrypted
    comments_back boolean not null default false,
    created_at timestamptz not null
);

create table instance (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    project_id uuid not null references project on delete cascade,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    environment text not null check (environment in ('PRODUCTION', 'STAGING', 'DEVELOPMENT')),
    source_kind text not null check (source_kind in ('local_file', 'ssh')),
    source jsonb not null, -- without secrets
    source_secrets bytea, -- encrypted
    error_detection_enabled boolean, -- null inherits from the environment
    error_ignore_patterns text[] not null default '{}',
    addon_folders text[] not null default '{}',
    odoo_version text,
    commit_sha text,
    created_at timestamptz not null,
    deleted_at timestamptz
);
create unique index instance_slug on instance (project_id, slug) where deleted_at is null;
create index instance_organization on instance (organization_id);

-- How far an instance's log was read: moves in the transaction that records what was found up to it.
create table scan_state (
    instance_id uuid primary key references instance on delete cascade,
    position jsonb not null default '{}',
    due_at timestamptz not null,
    last_scan_at timestamptz,
    last_scan_status text check (last_scan_status in ('OK', 'BEHIND', 'FAILED')),
    last_scan_error text,
    last_complete_at timestamptz,
    lag_seconds double precision,
    failures integer not null default 0
);
create index scan_state_due on scan_state (due_at);

create table app (
    id uuid primary key,
    number bigint generated always as identity unique, -- the project number in a Sentry DSN
    organization_id uuid not null references organization on delete cascade,
    project_id uuid not null references project on delete cascade,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    platform text not null,
    ignore_rules jsonb not null default '[]',
    sample_rate double precision not null default 1 check (sample_rate >= 0 and sample_rate <= 1),
    quota_per_minute integer check (quota_per_minute > 0),
    created_at timestamptz not null,
    deleted_at timestamptz
);
create unique index app_slug on app (project_id, slug) where deleted_at is null;

create table app_key (
    id uuid primary key,
    app_id uuid not null references app on delete cascade,
    digest bytea not null unique check (length(digest) = 32),
    public_part text not null,
    created_at timestamptz not null,
    expires_at timestamptz
);
create index app_key_app on app_key (app_id);

-- What people work on. Totals are those of its fingerprints, kept here for lists.
create table error_group (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    project_id uuid not null references project on delete cascade,
    app_id uuid references app on delete cascade,
    source text not null check (source in ('LOG', 'EVENT')),
    kind text not null check (kind in ('TRACEBACK', 'DATABASE', 'ACCESS', 'WARNING', 'MESSAGE')),
    title text not null,
    exception_type text,
    message text not null,
    module text,
    severity smallint not null check (severity between 1 and 3), -- 3 critical, 2 high, 1 medium
    status text not null check (status in ('NEW', 'ACTIVE', 'IN_PROGRESS', 'RESOLVED', 'REGRESSED', 'SILENCED')),
    is_dev boolean not null default false,
    muted_at timestamptz,
    mute_until timestamptz,
    mute_until_count bigint,
    total_count bigint not null default 0,
    occurrence_count bigint not null default 0,
    user_count bigint not null default 0,
    count_at_resolve bigint,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    last_stored_at timestamptz, -- log time of the occurrence that was stored last: the cooldown counts from it
    resolved_at timestamptz, -- kept after a regression: what is older than this changes no status
    resolved_in_version text,
    resolved_in_next boolean not null default false,
    assignee_id uuid references membership on delete set null,
    score integer not null default 0,
    priority smallint not null default 3 check (priority between 0 and 3),
    odoo_version text,
    commit_sha text,
    merged_into_id uuid references error_group on delete set null,
    deleted_at timestamptz,
    created_at timestamptz not null
);
-- A list shows what is neither merged away nor deleted; each order is one index, ties by id.
create index error_group_last_seen on error_group (organization_id, last_seen_at, id)
    where merged_into_id is null and deleted_at is null;
create index error_group_first_seen on error_group (organization_id, first_seen_at, id)
    where merged_into_id is null and deleted_at is null;
create index error_group_total on error_group (organization_id, total_count, id)
    where merged_into_id is null and deleted_at is null;
create index error_group_severity on error_group (organization_id, severity, id)
    where merged_into_id is null and deleted_at is null;
create index error_group_priority on error_group (organization_id, priority, id)
    where merged_into_id is null and deleted_at is null;
create index error_group_project on error_group (project_id);
create index error_group_app on error_group (app_id) where app_id is not null;
create index error_group_assignee on error_group (assignee_id);
create index error_group_merged on error_group (merged_into_id) where merged_into_id is not null;
create index error_group_auto_resolve on error_group (project_id, last_seen_at)
    where source = 'LOG' and status in ('NEW', 'ACTIVE', 'REGRESSED') and merged_into_id is null and deleted_at is null;

-- What makes two detections the same error. Counts live here and never move; a merge re-points `group_id`.
create table fingerprint (
    id bigint generated always as identity primary key,
    organization_id uuid not null references organization on delete cascade,
    scope_id uuid not null, -- the project (LOG) or the app (EVENT)
    is_dev boolean not null default false,
    version smallint not null,
    digest bytea not null check (length(digest) = 32),
    reason text not null,
    home_group_id uuid not null references error_group on delete cascade, -- where an unmerge brings it back to
    group_id uuid not null references error_group on delete cascade,
    total_count bigint not null default 0,
    occurrence_count bigint not null default 0,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    last_stored_at timestamptz, -- a group's own is found again from these when it is merged or taken apart
    retired_at timestamptz -- its group was deleted: the same error opens a new one
) with (fillfactor = 80);
create unique index fingerprint_digest on fingerprint (scope_id, is_dev, version, digest) where retired_at is null;
create index fingerprint_group on fingerprint (group_id);
create index fingerprint_home on fingerprint (home_group_id);

create table affected_instance (
    fingerprint_id bigint not null references fingerprint on delete cascade,
    instance_id uuid not null references instance on delete cascade,
    total_count bigint not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (fingerprint_id, instance_id)
);
create index affected_instance_instance on affected_instance (instance_id);

create table occurrence (
    id uuid not null,
    received_at timestamptz not null,
    organization_id uuid not null,
    project_id uuid not null,
    fingerprint_id bigint not null,
    instance_id uuid,
    app_id uuid,
    event_id uuid,
    occurred_at timestamptz not null,
    session_id text,
    user_id text,
    app_version text,
    environment text,
    message text not null,
    detail bytea not null, -- exceptions, context lines, enrichment: redacted JSON, zstd
    primary key (received_at, id)
) partition by range (received_at);
create index occurrence_fingerprint on occurrence (fingerprint_id, occurred_at, id);
-- No index for the id alone: it begins with the time of receipt (`identifiers.made_within`).

create table hourly_count (
    fingerprint_id bigint not null,
    hour timestamptz not null,
    origin_id uuid not null, -- the instance or app
    total_count bigint not null,
    primary key (fingerprint_id, hour, origin_id)
) partition by range (hour);

-- Accepted events, kept until retention whatever their level.
create table event (
    id uuid not null,
    received_at timestamptz not null,
    organization_id uuid not null,
    project_id uuid not null,
    app_id uuid not null,
    level smallint not null,
    occurred_at timestamptz not null,
    session_id text,
    payload bytea not null, -- zstd
    primary key (received_at, id)
) partition by range (received_at);
create index event_session on event (app_id, session_id, occurred_at);
create index event_id on event (id);

-- The ids of events that are not scanned yet; a row leaves in the transaction that counts its event.
create table inbox (
    event_id uuid primary key,
    received_at timestamptz not null,
    app_id uuid not null,
    attempts smallint not null default 0,
    problem text
);
create index inbox_order on inbox (received_at);

-- Uniqueness that cannot span time partitions lives in small hash-partitioned tables.
create table client_event (
    app_id uuid not null,
    client_event_id text not null,
    received_at timestamptz not null,
    primary key (app_id, client_event_id)
) partition by hash (app_id, client_event_id);
create table fingerprint_session (
    fingerprint_id bigint not null,
    session_id text not null,
    first_seen_at timestamptz not null,
    primary key (fingerprint_id, session_id)
) partition by hash (fingerprint_id, session_id);
create table fingerprint_user (
    fingerprint_id bigint not null,
    user_id text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (fingerprint_id, user_id)
) partition by hash (fingerprint_id, user_id);
create table fingerprint_tag (
    fingerprint_id bigint not null,
    key text not null,
    value text not null,
    total_count bigint not null,
    last_seen_at timestamptz not null,
    primary key (fingerprint_id, key, value)
) partition by hash (fingerprint_id, key, value);
do $$
begin
    for part in 0..7 loop
        execute format('create table client_event_%s partition of client_event for values with (modulus 8, remainder %s)', part, part);
        execute format('create table fingerprint_session_%s partition of fingerprint_session for values with (modulus 8, remainder %s)', part, part);
        execute format('create table fingerprint_user_%s partition of fingerprint_user for values with (modulus 8, remainder %s)', part, part);
        execute format('create table fingerprint_tag_%s partition of fingerprint_tag for values with (modulus 8, remainder %s)', part, part);
    end loop;
end $$;

-- One step in a group's life.
create table group_change (
    id bigint generated always as identity primary key,
    organization_id uuid not null references organization on delete cascade,
    group_id uuid not null references error_group on delete cascade,
    kind text not null,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('system', 'person', 'agent', 'github')),
    actor_id uuid, -- the membership or token
    status_before text,
    status_after text,
    reason text,
    detail jsonb not null default '{}'
);
create index group_change_group on group_change (group_id, id);

create table comment (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    group_id uuid not null references error_group on delete cascade,
    author_kind text not null check (author_kind in ('person', 'agent', 'github')),
    author_id uuid,
    author_name text not null,
    body text not null,
    external_id text unique,
    created_at timestamptz not null,
    edited_at timestamptz,
    deleted_at timestamptz
);
create index comment_group on comment (group_id, created_at, id);

create table github_issue (
    group_id uuid primary key references error_group on delete cascade,
    project_id uuid not null references project on delete cascade,
    marker uuid not null unique,
    number integer,
    url text,
    state text check (state in ('open', 'closed')),
    sync_status text not null check (sync_status in ('waiting', 'creating', 'synced', 'failed')),
    sync_error text,
    attempts integer not null default 0,
    attempted_at timestamptz,
    next_attempt_at timestamptz,
    created_at timestamptz not null
);
create index github_issue_project on github_issue (project_id);
create index github_issue_due on github_issue (next_attempt_at) where next_attempt_at is not null;

create table alert_rule (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    project_id uuid not null references project on delete cascade,
    name text not null check (length(name) between 1 and 200),
    condition jsonb not null,
    filters jsonb not null default '{}',
    channels bytea not null, -- encrypted
    quiet_seconds integer not null default 3600 check (quiet_seconds >= 0),
    enabled boolean not null default true,
    last_fired_at timestamptz,
    created_at timestamptz not null
);
create index alert_rule_project on alert_rule (project_id);

create table delivery (
    id uuid primary key,
    organization_id uuid not null references organization on delete cascade,
    rule_id uuid references alert_rule on delete set null,
    kind text not null,
    target text not null,
    body jsonb not null,
    status text not null check (status in ('waiting', 'sent', 'failed')),
    attempts integer not null default 0,
    error text,
    next_attempt_at timestamptz,
    created_at timestamptz not null,
    sent_at timestamptz
);
create index delivery_rule on delivery (rule_id);
create index delivery_due on delivery (next_attempt_at) where status = 'waiting';

create table digest (
    project_id uuid primary key references project on delete cascade,
    sent_through timestamptz not null
);

-- What must follow a change: written with it, carried out after the commit, swept up if a crash came between.
create table outbox (
    id bigint generated always as identity primary key,
    organization_id uuid not null,
    change_kind text not null,
    group_id uuid not null,
    change_id bigint not null references group_change on delete cascade,
    detail jsonb not null default '{}',
    created_at timestamptz not null,
    attempts smallint not null default 0
);
create index outbox_change on outbox (change_id);

-- Scheduled work: the newest time for which each job is known to have run.
create table job_run (
    name text primary key,
    ran_for timestamptz not null
);
