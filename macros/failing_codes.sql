{#- The codes of a stage's rules that a line of stg_facilities fails by itself, in the registry's order, joined with ';';
    '' for a line that fails none. stage: 1, 2 or 3. -#}
{%- macro failing_codes(stage) -%}
    coalesce(
            array_join(
                array[
                    {%- for code in rule_codes(stage) if code != 'duplicate_facility' %}
                    case when {{ code }} then '{{ code }}' end{{ ',' if not loop.last }}
                    {%- endfor %}
                ],
                ';'
            ),
            ''
        )
{%- endmacro -%}
