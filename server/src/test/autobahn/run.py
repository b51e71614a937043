"""Runs one role of the Autobahn test suite and leaves its results in DIRECTORY/index.json.

run.py client URL DIRECTORY CASE...   tests the server at the URL
run.py server DIRECTORY CASE...       tests the clients that come to the port that it prints

A client that comes runs cases at /runCase, and asks for the results at /updateReports.
"""
import os
import sys
from java.math import BigInteger
from autobahntestsuite import fuzzing, wstest
from autobahn import websocket
from twisted.internet import reactor


class Masker:
    """The suite masks byte by byte in Python, which takes most of its time; the JVM does it here."""

    def __init__(self, mask, length=None):
        self.mask = mask
        self.done = 0

    def pointer(self):
        return self.done

    def reset(self):
        self.done = 0

    def process(self, data):
        length = len(data)
        if length == 0:
            return data
        at = self.done % 4
        key = (self.mask[at:] + self.mask[:at]) * (length // 4 + 1)
        self.done += length
        masked = BigInteger(1, data).xor(BigInteger(1, key[:length]))  # a Python long
        return BigInteger.toByteArray(masked).tostring().rjust(length, '\0')[-length:]


def create_reports(factory):
    """The results as JSON only."""
    all_reports(factory, False, True)


websocket.createXorMasker = Masker
all_reports = fuzzing.FuzzingFactory.createReports.im_func
fuzzing.FuzzingFactory.createReports = create_reports

role = sys.argv[1]
spec = {'exclude-cases': [], 'exclude-agent-cases': {}, 'options': {'failByDrop': False}}
if role == 'client':
    spec['servers'] = [{'agent': 'halley', 'url': sys.argv[2], 'options': {'version': 18}}]
    spec['outdir'] = sys.argv[3]
    spec['cases'] = sys.argv[4:]
    wstest.start({'mode': 'fuzzingclient'}, spec)
else:
    spec['url'] = 'ws://127.0.0.1:1'
    spec['outdir'] = sys.argv[2]
    spec['cases'] = sys.argv[3:]
    factory = fuzzing.FuzzingServerFactory(spec)
    port = reactor.listenTCP(0, factory, 50, '127.0.0.1').getHost().port
    factory.externalPort = port
    print 'listening on %d' % port
    sys.stdout.flush()
    sys.stdout = open(os.devnull, 'w')  # nobody reads on
    reactor.run()
