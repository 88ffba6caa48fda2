{#- An expression for the codes of a stage's rules that a line of stg_facilities fails, without duplicate_facility, in the
    registry's order, joined with ';'; '' if it fails none. stage: 1, 2 or 3. -#}
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
