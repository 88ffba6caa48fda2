{#- The model of a stage's rejects, whole. The raw lines are fetched last, for the rows that change alone: a run over
    changed files asks first in which files those rows lie, so that it reads the raw lines of these files and no other.
    stage: 1 or 3. key: the columns of the model's unique key. -#}
{%- macro stage_rejects(stage, key) -%}
    {%- set changes -%}
with verdicts as (
    {{ facility_verdicts(stage, columns=['source_file', 'line_hash', 'occurrence']) }}
),

rejects as (
    select
        snapshot_date,
        source_file,
        line_hash,
        occurrence,
        reject_reason
    from verdicts
    where reject_reason is not null
),

changes as (
    {{ changed_rows('rejects', key, compared=['reject_reason']) }}
)
    {%- endset -%}
{{ changes }}

select
    changes.snapshot_date,
    changes.source_file,
    changes.line_hash,
    changes.occurrence,
    changes.reject_reason,
    lines.raw_line
from changes
left join {{ ref('int_judged_lines') }} as lines
    on
        changes.snapshot_date = lines.snapshot_date
        and changes.source_file = lines.source_file
        and changes.line_hash = lines.line_hash
        and changes.occurrence = lines.occurrence
        and {{ in_scope('lines.snapshot_date') }}
        and {{ in_files_of(changes, 'lines.source_file') }}
{%- endmacro -%}
