{#- A run over changed files first finds the files in which rejects are added or removed. Only for these files it reads
    the hashes of the lines, the widest column after the raw lines. For other files it reads the few columns that decide
    between duplicates. The raw lines are read last, for the changed rows only. -#}
{%- macro stage_rejects(stage, key) -%}
    {%- set files = files_of_changed_rejects(stage) -%}
    {%- set columns -%}
        snapshot_date,
        source_file,
        occurrence,
        place_in_file,
        facility_id,
        stage{{ stage }}_codes
    {%- endset -%}
with judged_lines as (
    select
        {{ columns }},
        line_hash
    from {{ ref('int_judged_lines') }}
    where
        {{ in_scope('snapshot_date') }}
        and {{ in_files(files, 'source_file') }}
    {%- if files %}
    union all
    select
        {{ columns }},
        cast(null as varchar) as line_hash
    from {{ ref('int_judged_lines') }}
    where
        {{ in_scope('snapshot_date') }}
        and not {{ in_files(files, 'source_file') }}
    {%- endif %}
),

verdicts as (
    {{ facility_verdicts(stage, columns=['source_file', 'line_hash', 'occurrence'], lines='judged_lines') }}
),

rejects as (
    select
        snapshot_date,
        source_file,
        line_hash,
        occurrence,
        reject_reason
    from verdicts
    where
        reject_reason is not null
        and line_hash is not null
),

changes as (
    {{ changed_rows('rejects', key, compared=['reject_reason'], confined_to=files) }}
)

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
        and {{ in_files(files, 'lines.source_file') }}
{%- endmacro -%}
