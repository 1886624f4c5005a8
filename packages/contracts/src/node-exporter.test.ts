import { describe, expect, it } from '@jest/globals';
import { uncountedNetworkDevices } from './node-exporter.js';

const isCounted = (device: string) => !new RegExp(`^(?:${uncountedNetworkDevices})$`).test(device);

describe('the network devices that count', () => {
  it.each([
    ['a bond, a team and their VLANs', 'bond0 bond0.100 bond-mgmt team0 eth0.42 vlan100'],
    [
      'bridges',
      'br0 br-1a2b3c br-ex virbr0 vmbr0 fwbr101i0 docker0 cni0 lxdbr0 cbr0 xenbr0 incusbr0',
    ],
    ['EKS', 'eni0a1b2c3d4e5 dummy0'],
    ['AKS', 'azv1a2b3c4d5e6 enP12345s1 enP30832p0s2'],
    ['Calico with WireGuard or BPF, and Talos', 'wireguard.cali bpfin.cali bpfout.cali kubespan'],
    ['virtual functions in a switch', 'enp3s0f0npf0vf0 pf0vf1 enp3s0f0_2 eth0_1'],
    ['GKE', 'gke52ab3c4d5e6 nodelocaldns'],
    ['OVN', '0123456789abcde ovn-k8s-mp0 ovn0 ovs-system ovsbr0 genev_sys_6081'],
    [
      'CNIs',
      'cali1234 cilium_host cilium_vxlan lxc1234 flannel.1 weave antrea-gw0 kube-ipvs0 ipvl_3',
    ],
    [
      'tunnels',
      'tunl0 tun0 ip6tnl0 sit0 vxlan.calico vxlan_sys_4789 gre0 wg0 tailscale0 kilo0 ppp0 vti0',
    ],
    ['virtual machines', 'tap0 tap12ab vnet3 veth12 qvo1234 qbr1234 k6t-eth0 macvlan0'],
    ['the loopback', 'lo'],
  ])('are not those of %s', (_whose, devices) => {
    expect(devices.split(' ').filter(isCounted)).toEqual([]);
  });

  it('are those of the machine', () => {
    const physical =
      'eth0 eth1 ens5 ens192 eno1 eno1np0 enp3s0 enp3s0f0 enx001122334455 em1 p1p1 wlan0 ib0 eth-lo loft enP2p1s0f0np0'.split(
        ' ',
      );
    expect(physical.filter((device) => !isCounted(device))).toEqual([]);
  });
});
