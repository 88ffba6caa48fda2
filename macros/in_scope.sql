{#- A predicate that holds for the dates of this run, with the dates as literals, so that only they are read.
    column: its name; of type date, or the string partition key with as_text=true.
    With the var snapshot_dates: those dates. Without it an incremental model takes the dates from the newest
    one in its table on; a first run, a full refresh and a test take all. -#}
{%- macro in_scope(column, as_text=false) -%}
    {%- set prefix = '' if as_text else 'date ' -%}
    {%- set dates = snapshot_dates() -%}
    {%- if dates -%}
        {{ column }} in ({% for date in dates %}{{ prefix }}'{{ date }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- else -%}
        {%- set newest = newest_snapshot_date() if model.resource_type == 'model' and is_incremental() else none -%}
        {%- if newest -%}{{ column }} >= {{ prefix }}'{{ newest }}'{%- else -%}true{%- endif -%}
    {%- endif -%}
{%- endmacro -%}
