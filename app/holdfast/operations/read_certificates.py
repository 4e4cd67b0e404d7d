"""The certificates that a node depends on, and the CA that its visitors trust."""

from __future__ import annotations

from cryptography import x509

from holdfast.domain.certificate import Certificate, CertificateRole, Certificates
from holdfast.domain.errors import HoldfastError
from holdfast.domain.operation import CancelToken, Operation, Step, Steps
from holdfast.node.authorities import known_authorities
from holdfast.node.certificate_facts import read_certificate
from holdfast.node.node import Node
from holdfast.node.watched_certificates import look_at_certificates


def read_certificates(node: Node) -> Operation[Certificates]:
    def body(cancel: CancelToken) -> Steps[Certificates]:
        yield Step("Look at the certificates")
        return look_at_certificates(node)

    return Operation("Look at the certificates", target="certificates", body=body)


def export_authority(node: Node) -> Operation[Certificate]:
    """What visitors' browsers have to trust. Raises HoldfastError where there is none yet."""

    def body(cancel: CancelToken) -> Steps[Certificate]:
        yield Step("Read the CA")
        authority = known_authorities(node.keys).get(CertificateRole.VISITORS_CA)
        if authority is None:
            raise HoldfastError(
                "The node has no CA yet.",
                "It is made with the first route.",
                "Start the node, or deploy the first app.",
            )
        return read_certificate(x509.load_pem_x509_certificate(authority.root))

    return Operation("Export the CA", target="certificates", body=body)
