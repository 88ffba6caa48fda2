{#- Fails with each row for which one of some conditions holds. Each is asked for by itself, because Athena then skips the
    files and row groups whose statistics say that they hold no such row. where_any: the conditions. -#}
{%- test no_row(model, where_any) -%}
    {%- for condition in where_any %}
select
    '{{ condition | replace("'", "''") }}' as condition,
    *
from {{ model }}
where {{ condition }}
        {%- if not loop.last %}
union all
        {%- endif %}
    {%- endfor %}
{%- endtest -%}
