{%- macro rule_codes(stage) -%}
    {%- set codes = [] -%}
    {%- for rule in var('reject_rules') if stage in rule.stages -%}
        {%- do codes.append(rule.code) -%}
    {%- endfor -%}
    {{- return(codes) -}}
{%- endmacro -%}
