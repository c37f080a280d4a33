"""Makes what the client sends late: packets routed into the card `late` come out of it again
after so many milliseconds. The kernels that the tests run on need not have netem."""

import fcntl, os, queue, struct, subprocess, sys, threading, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000

tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"late", IFF_TUN | IFF_NO_PI))
for command in (
    "ip link set late up",
    "ip route add default dev late table 100",
    "ip -6 route add default dev late table 100",
    "ip rule add iif r0 lookup 100",
    "ip -6 rule add iif r0 lookup 100",
):
    subprocess.run(command.split(), check=True)
# What the router itself answers for is not on the way.
for version, net in (("-4", "10.77.1.0/24"), ("-6", "fd77:1::/64")):
    subprocess.run(["ip", version, "route", "add", net, "dev", "r0", "table", "100"], check=True)
print("READY", flush=True)

waiting = queue.Queue(10_000)


def let_go():
    while True:
        at, packet = waiting.get()
        time.sleep(max(0.0, at - time.monotonic()))
        os.write(tun, packet)


threading.Thread(target=let_go, daemon=True).start()
delay = int(sys.argv[1]) / 1000
while True:
    packet = os.read(tun, 65_536)
    waiting.put((time.monotonic() + delay, packet))
