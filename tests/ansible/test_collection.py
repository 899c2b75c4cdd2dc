"""The Ansible collection of contrib/ansible: modules at many sites, with the real
ansible-playbook, behind real serial servers."""

import json
import os
import re
import shutil
import signal

from harness import FROM, HERE, PASSWORD, TO, USER, Process, Vsftpd, clip, find_program, records
from test_fleet import FAILS, imei
from test_links import RAW, TELNET, Ser2net

COLLECTION = os.path.join(os.path.dirname(os.path.dirname(HERE)), "contrib", "ansible")
VAULT = "the word of the vault"


class Controller:
    """A directory with inventory, playbook and vault, and dfota as it was built."""

    def __init__(self, t):
        self.t = t
        self.env = dict(t.env, ANSIBLE_HOME=t.path("ansible"), ANSIBLE_NOCOLOR="1", ANSIBLE_PIPELINING="1",
                        ANSIBLE_COLLECTIONS_PATH=t.path("collections"), ANSIBLE_RETRY_FILES_ENABLED="0",
                        ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_VAULT_PASSWORD_FILE=t.write("word", VAULT, 0o600),
                        ANSIBLE_INTERPRETER_PYTHON="auto_silent", PYTHONDONTWRITEBYTECODE="1", LANG="C.UTF-8")
        shutil.copytree(COLLECTION, t.path("collections", "ansible_collections", "dfota", "dfota"))
        self.results = t.path("results")
        self.forks = "8"

    def call(self, program, *args):
        process = Process([find_program(program), *args], self.env, cwd=self.t.dir)
        self.t.processes.append(process)
        return process

    def secret(self, name, content):
        path = self.t.write(name, content, 0o600)
        assert self.call("ansible-vault", "encrypt", path).wait().status == 0
        with open(path) as file:
            assert file.read().startswith("$ANSIBLE_VAULT;"), path
        return path

    def inventory(self, hosts):
        """HOSTS: {name: variables}"""
        common = {"ansible_connection": "local", "ansible_python_interpreter": find_program("python3"),
                  "dfota_executable": self.t.dfota, "dfota_results": self.results}
        self.t.write("hosts.json", json.dumps({"all": {"hosts": hosts, "vars": common}}))

    def play(self, *args, playbook="dfota.dfota.upgrade"):
        return self.call("ansible-playbook", "-i", "hosts.json", "-f", self.forks, *args, playbook)

    def result(self, host):
        with open(os.path.join(self.results, host, "result.json")) as file:
            return json.load(file)


def recap(play):
    """{host: {"ok": 3, "changed": 1, ...}}; empties where it has none."""
    text = play.text().partition("PLAY RECAP")[2]
    return {host: {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}
            for host, line in re.findall(r"^(\S+) +: (ok=.*)$", text, re.M)}


def changed(play):
    return {host for host, counts in recap(play).items() if counts["changed"]}


def failed(play):
    return {host for host, counts in recap(play).items() if counts["failed"] or counts["unreachable"]}


HOLDS = "at updating 40\n\thold"


def leave_unfinished(t, sim, port, package):
    """Somebody began it, and was killed while the module installed."""
    run = t.start("run", "--json", "-y", "-p", port, "-f", package)
    run.wait_event(type="progress", step="install")
    run.signal(signal.SIGKILL)
    run.wait()


def sites(t):
    """Eight modules, a serial server each; 0 to 3 in a raw form, the others RFC 2217. The first
    downloads by itself, 4 gets a package of the controller, 5 fails, 6 runs the target, 7 was left unfinished."""
    package, root = t.package(), t.web()
    shutil.copy(package, root)
    url = t.serve(Vsftpd, root).url + os.path.basename(package)
    scenarios = [None] * 5 + [FAILS, None, HOLDS]
    sims = [t.sim("--imei", imei(i), *(("--from", TO) if i == 6 else ()), scenario=scenarios[i],
                  package=os.path.join(root, os.path.basename(package)) if i == 0 else package) for i in range(8)]
    servers = [Ser2net(t, sim.path, RAW if i < 4 else TELNET) for i, sim in enumerate(sims)]
    hosts = {}
    for i, server in enumerate(servers):
        hosts["m%d" % i] = {"dfota_port": server.raw if i < 4 else server.telnet, "dfota_file": package}
    del hosts["m0"]["dfota_file"], hosts["m4"]["dfota_file"]
    hosts["m4"].update(dfota_package=package, dfota_package_dir=t.path("there"))	# brought there, with its manifest
    hosts["m0"].update(dfota_url=url, dfota_target=TO, dfota_user=USER, dfota_password="{{ secret_password }}")
    leave_unfinished(t, sims[7], hosts["m7"]["dfota_port"], package)
    return sims, hosts


def check_mode_is_a_dry_run(c, secret):
    play = c.play("--check", "--diff", "-e", "@" + secret).wait()
    assert play.status == 0 and not failed(play), play.report()
    assert changed(play) == {"m%d" % i for i in range(6)}, play.report()
    assert play.text().count("-" + FROM) == play.text().count("+" + TO) == 6, play.report()
    assert not os.path.exists(c.results), os.listdir(c.results)


def what_is_needed_is_done(c, t, sims, secret):
    play = c.play("-vvv", "-e", "@" + secret, "-e", "dfota_batch=4", "-e", "dfota_max_fail=30")
    t.wait_record('"type":"resumed"')
    sims[7].go_on()
    play.wait()
    assert play.status == 2 and failed(play) == {"m5"}, clip(play.report(), 6000)
    assert changed(play) == {"m0", "m1", "m2", "m3", "m4", "m7"}, clip(play.report(), 6000)
    got = {host: c.result(host) for host in ("m%d" % i for i in range(8))}
    assert [got["m%d" % i]["outcome"] for i in range(8)] == ["success"] * 5 + ["unchanged"] + ["success"] * 2, got
    assert [got["m%d" % i]["resumed"] for i in range(8)] == [False] * 7 + [True], got
    assert [got["m%d" % i]["imei"] for i in range(8)] == [imei(i) for i in range(8)], got
    assert (got["m5"]["exit"], got["m5"]["code"]["number"], got["m5"]["version_changed"]) == (10, 504, False), got["m5"]
    for host, result in got.items():
        with open(os.path.join(c.results, host, os.path.basename(result["record"])), "rb") as file:
            assert file.read() == records(t)[result["record"]], host
        with open(os.path.join(c.results, host, "report.md")) as file:
            assert result["imei"] in file.read(), host
    return play


def nothing_of_the_secret_is_written(t, c, play):
    assert PASSWORD not in play.text() + play.errors()
    for base, _, names in os.walk(t.dir):
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.islink(path) and "vsftpd" not in path:
                with open(path, "rb") as file:
                    assert PASSWORD.encode() not in file.read(), path


def again_is_no_change(c, secret):
    play = c.play("-e", "@" + secret, "-l", "m0,m4,m7").wait()
    assert play.status == 0 and not changed(play) and not failed(play) and len(recap(play)) == 3, play.report()
    assert c.result("m7")["resumed"] is False and c.result("m0")["version_changed"] is False


def a_batch_that_fails_ends_the_play(c, secret):
    hosts = {"a%d" % i: {"dfota_port": c.t.path("absent%d" % i), "dfota_file": c.t.path("ug96-06-08.bin")} for i in range(2)}
    hosts["a1"]["dfota_baud"] = 0	# refused before there is a record
    hosts["b"] = dict(c.hosts["m1"])
    c.inventory(hosts)
    play = c.play("-e", "dfota_batch=2", "-e", "dfota_max_fail=0").wait()
    assert play.status == 2 and failed(play) == {"a0", "a1"} and "b" not in recap(play), play.report()
    assert [c.result(host)["exit"] for host in ("a0", "a1")] == [20, 64] and not c.result("a1")["record"], c.result("a1")


PROBE = """
- hosts: m6
  gather_facts: false
  tasks:
    - dfota.dfota.dfota_probe: {port: "{{ dfota_port }}", executable: "{{ dfota_executable }}"}
    - dfota.dfota.dfota_resume: {port: "{{ dfota_port }}", executable: "{{ dfota_executable }}"}
      register: nothing
    - dfota.dfota.dfota_status: {executable: "{{ dfota_executable }}"}
    - dfota.dfota.dfota_probe: {port: "{{ dfota_port }}", imei: "490154203237518", executable: "{{ dfota_executable }}"}
      register: other
      ignore_errors: true
    - copy: {content: "{{ {'facts': dfota, 'left': dfota_unfinished, 'resumed': nothing.resumed, 'other': other} | to_json }}", dest: "{{ dfota_results }}/probe.json"}
"""


def who_is_there_comes_as_facts(c):
    play = c.play(playbook=c.t.write("probe.yml", PROBE)).wait()
    assert play.status == 0, play.report()
    with open(os.path.join(c.results, "probe.json")) as file:
        got = json.load(file)
    facts = got["facts"]
    assert (facts["version"], facts["imei"], facts["model"], facts["ready"]) == (TO, imei(6), "UG96", True), facts
    assert facts["checks"]["supply_mv"] > 3000 and facts["checks"]["sim"] == "ready", facts
    assert got["left"] == [] and got["resumed"] is False and got["other"]["failed"] is True, got
    assert got["other"]["exit"] == 24 and imei(6) in got["other"]["msg"], got["other"]


def test_eight_modules_behind_serial_servers(t):
    c = Controller(t)
    sims, c.hosts = sites(t)
    c.inventory(c.hosts)
    secret = c.secret("secret.yml", "secret_password: %s\n" % PASSWORD)
    check_mode_is_a_dry_run(c, secret)
    play = what_is_needed_is_done(c, t, sims, secret)
    nothing_of_the_secret_is_written(t, c, play)
    again_is_no_change(c, secret)
    who_is_there_comes_as_facts(c)
    a_batch_that_fails_ends_the_play(c, secret)
    assert [sim.stop() for sim in sims] == [TO] * 5 + [FROM, TO, TO]
    assert [sim.upgrades() for sim in sims] == [1] * 6 + [0, 1]


# What a module takes, as it tells Ansible itself.
ARGUMENTS = r"""
import importlib, json, sys
from ansible.module_utils import basic

class Told(Exception):
    pass

class Asked:
    def __init__(self, argument_spec, **kwargs):
        raise Told(argument_spec)

basic.AnsibleModule = Asked
told = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module("ansible_collections.dfota.dfota.plugins.modules." + name).main()
    except Told as spec:
        told[name] = spec.args[0]
print(json.dumps(told))
"""


def test_the_options_that_are_documented_are_those_it_takes(t):
    c = Controller(t)
    names = sorted(name[:-3] for name in os.listdir(os.path.join(COLLECTION, "plugins", "modules")) if name.endswith(".py"))
    with open(find_program("ansible-doc"), encoding="utf-8") as program:
        python = program.readline()[2:].split()	# the one that has Ansible
    taken = Process([*python, "-c", ARGUMENTS, *names], dict(c.env, PYTHONPATH=t.path("collections")), cwd=t.dir)
    t.processes.append(taken)
    shown = c.call("ansible-doc", "-j", *("dfota.dfota." + name for name in names))
    assert taken.wait().status == 0 and shown.wait().status == 0, taken.report() + shown.report()
    taken, shown = json.loads(taken.out), json.loads(shown.out)
    assert sorted(taken) == names, taken
    for name in names:
        doc = shown["dfota.dfota." + name]["doc"]
        assert doc["author"] and set(doc["options"]) == set(taken[name]), (name, doc["options"].keys() ^ taken[name].keys())
        for option, spec in taken[name].items():
            said = doc["options"][option]
            assert all(said.get(key) == spec.get(key) for key in ("type", "default")), (name, option, said, spec)
            assert bool(said.get("required")) == bool(spec.get("required")), (name, option)
