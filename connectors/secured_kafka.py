"""What makes a local Kafka node ask everybody who they are, and what they may do?"""

from __future__ import annotations

from connectors.kafka_login import KafkaLogin

_LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"


def secured_settings(login: KafkaLogin) -> str:
    """Settings of a node whose super user logs in so. What is not granted is denied."""
    listener = f"listener.name.{login.protocol.lower()}"
    jaas = f'{_LOGIN_MODULE} required username="{login.user}" password="{login.password}";'
    return f"""\
listener.security.protocol.map={login.protocol}:{login.protocol},CONTROLLER:PLAINTEXT
inter.broker.listener.name={login.protocol}
sasl.enabled.mechanisms={login.mechanism}
sasl.mechanism.inter.broker.protocol={login.mechanism}
{listener}.{login.mechanism.lower()}.sasl.jaas.config={jaas}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
# The controller's listener is open to this machine alone, and only the node itself uses it.
super.users=User:{login.user};User:ANONYMOUS
"""


def first_user(login: KafkaLogin) -> str:
    """The super user as the tool that formats a node is told of it."""
    return f"{login.mechanism}=[name={login.user},password={login.password}]"
