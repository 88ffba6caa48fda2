{#- ON contains the run's dates, and for models that are confined to changed files also these files, as literals. Athena
    therefore reads nothing else of the table. -#}
{%- macro merge_statement(target, sql) -%}
    {%- set key = config.get('unique_key') -%}
    {%- set columns = model.columns.keys() | list -%}
merge into {{ target }} as target
using (
    select {{ columns | join(', ') }}
    from (
        {{ sql }}
    )
    where {{ lease_is_held() }}
) as src
on (
    {% for column in key -%}
    target.{{ column }} = src.{{ column }} and
    {% endfor -%}
    {{ in_scope('target.snapshot_date') }}
    {%- if config.get('meta', {}).get('confined_to_changed_files') %}
    and {{ in_changed_files('target.source_file') }}
    {%- endif %}
)
when matched and {{ config.get('delete_condition') }} then delete
when matched then update set
    {% for column in columns if column not in key -%}
    {{ column }} = src.{{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
when not matched and {{ config.get('insert_condition') }} then
    insert ({{ columns | join(', ') }})
    values (
        {%- for column in columns %}
        src.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro -%}
