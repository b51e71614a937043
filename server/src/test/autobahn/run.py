# Runs the Autobahn fuzzing client: run.py URL DIRECTORY CASE...
import sys
from autobahntestsuite import wstest

wstest.start({'mode': 'fuzzingclient'}, {
    'options': {'failByDrop': False},
    'outdir': sys.argv[2],
    'servers': [{'agent': 'halley', 'url': sys.argv[1], 'options': {'version': 18}}],
    'cases': sys.argv[3:],
    'exclude-cases': [],
    'exclude-agent-cases': {},
})
