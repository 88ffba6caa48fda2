{#- The codes of the registry's rules for a stage (1, 2 or 3), as a list in the registry's order. -#}
{%- macro rule_codes(stage) -%}
    {%- set codes = [] -%}
    {%- for rule in var('reject_rules') if stage in rule.stages -%}
        {%- do codes.append(rule.code) -%}
    {%- endfor -%}
    {{- return(codes) -}}
{%- endmacro -%}
