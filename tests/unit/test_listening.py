import socket

from digest.cli.common import listening


def test_an_answer_does_not_wait_until_its_headers_are_acknowledged():
    with listening("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        taken, _ = door.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
