{#- Each column has its own query, because Athena then skips the files and row groups whose statistics show that the
    column has no null. -#}
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
