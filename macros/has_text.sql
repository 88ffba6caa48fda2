{#- Whether a text holds anything but white space, which means the six ASCII characters. -#}
{%- macro has_text(text) -%}
    regexp_like({{ text }}, '[^ \t\n\x0b\f\r]')
{%- endmacro -%}
