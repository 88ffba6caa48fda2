{#- Fails with each null in one of the columns. Each column is asked for by itself, because Athena then skips the files and
    row groups whose statistics say that they hold no null. columns: their names. -#}
{%- test never_null(model, columns) -%}
    {%- for column in columns %}
select
    '{{ column }}' as null_column,
    {{ columns | join(', ') }}
from {{ model }}
where {{ column }} is null
        {%- if not loop.last %}
union all
        {%- endif %}
    {%- endfor %}
{%- endtest -%}
