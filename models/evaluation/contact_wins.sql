{#- Ten windows at a time: of 90 at once, 20 million events had 50 GB written to disk. -#}
{% set others = [] %}
{% for first in range(11, 91, 10) %}
{% do others.append('{{ insert_wins(' ~ first ~ ', ' ~ (first + 9) ~ ') }}') %}
{% endfor %}
{{ config(post_hook=others) }}
-- depends_on: {{ ref('evaluated_steps') }}, {{ ref('score_windows') }}, {{ ref('score_wins') }}

{{ wins_of_windows(1, 10) }}
