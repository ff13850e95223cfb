"""placeholder"""


def step_mevp(domain, state, forcing, p):
    raise NotImplementedError
