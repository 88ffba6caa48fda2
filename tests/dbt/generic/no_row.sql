{#- Each condition has its own query, because Athena then skips the files and row groups whose statistics show that no
    row satisfies it. -#}
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
