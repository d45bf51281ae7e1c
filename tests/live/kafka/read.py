"""Reads a topic with a client of its own (kafka-python): one JSON object a line with partition, offset, key, time and
value, partition by partition, up to what was there at the start. Arguments: broker, topic; without a topic it only
sees whether the broker answers."""

import json
import sys

from kafka import KafkaConsumer, TopicPartition


def main(broker, topic=None):
    consumer = KafkaConsumer(bootstrap_servers=[broker], consumer_timeout_ms=30000,
                             fetch_max_bytes=20 << 20, max_partition_fetch_bytes=8 << 20)
    if topic is None:
        consumer.topics()
        return
    for number in sorted(consumer.partitions_for_topic(topic) or ()):
        partition = TopicPartition(topic, number)
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        consumer.seek_to_beginning(partition)
        while consumer.position(partition) < end:
            for messages in consumer.poll(timeout_ms=10000).values():
                for message in messages:
                    key = None if message.key is None else message.key.decode()
                    headers = [[name, text.decode()] for name, text in message.headers]
                    print(json.dumps([number, message.offset, key, message.timestamp, headers,
                                      message.value.decode()]))


main(*sys.argv[1:])
