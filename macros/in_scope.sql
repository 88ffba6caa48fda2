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
