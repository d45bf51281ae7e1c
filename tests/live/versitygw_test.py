"""The s3 sink in front of versitygw."""

import unittest

from bucket import BucketTests
from server import LiveTest
from versitygw import VersityGateway


class Bucket(BucketTests, LiveTest):
    def setUp(self):
        super().setUp()
        self.store = self.started(VersityGateway())
        self.store.make_bucket("logs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
