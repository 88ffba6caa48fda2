{#- A predicate that holds for the dates of this run. It contains the dates as literals, so that Athena reads only these dates.
    column: the name of the date column; with as_text=true, of the string partition key of bronze.
    The dates of the run are those in the var snapshot_dates. Without the var, an incremental model takes the newest date in
    its table and all later ones; a first run, a full refresh and a test take all dates. -#}
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
