"""Every command there is."""

import typer

from tocsin.app.cli import accounts, channel, community, import_file, playbook, sending, service, status, timeline
from tocsin.app.demo.command import demo_command

app = typer.Typer(name="tocsin", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
app.command("serve")(service.serve_command)
app.command("worker")(service.worker_command)
app.command("migrate")(service.migrate_command)
app.command("demo")(demo_command)
app.command("init")(accounts.init_command)
app.command("status")(status.status_command)
app.command("import")(import_file.import_command)
app.add_typer(community.app, name="community")
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.token, name="token")
app.add_typer(channel.channel, name="channel")
app.add_typer(channel.secret, name="secret")
app.add_typer(playbook.app, name="playbook")
app.add_typer(timeline.app, name="timeline")
app.add_typer(sending.app, name="sending")
