import { describe, expect, it } from '@jest/globals';
import { createNodeInventory, hostnameOf } from './inventory.js';

describe('the node inventory', () => {
  it('joins Kubernetes by node name before address', () => {
    const inventory = createNodeInventory();
    const byName = inventory.addInstance('10.0.0.1:9100', 'worker-1', true);
    const byAddress = inventory.addInstance('10.0.0.2:9100', 'other', true);
    expect(inventory.addKubernetes('worker-1', '10.0.0.2')).toBe(byName);
    expect(inventory.addKubernetes('worker-2', '10.0.0.2')).toBe(byAddress);
    expect(hostnameOf(byAddress)).toBe('worker-2');
    expect(inventory.nodes).toHaveLength(2);
  });

  it('never joins by a part of a name or an address', () => {
    const inventory = createNodeInventory();
    inventory.addInstance('10.0.0.10:9100', 'worker-10', true);
    expect(inventory.addKubernetes('worker-1', '10.0.0.1')).toMatchObject({ key: '10.0.0.1' });
    expect(inventory.addKubernetes('worker', null)).toMatchObject({ key: 'worker' });
    expect(inventory.nodes).toHaveLength(3);
  });

  it('takes no name for anybody when two nodes bear it', () => {
    const inventory = createNodeInventory();
    inventory.addInstance('10.0.0.1:9100', 'localhost', true);
    const second = inventory.addInstance('10.0.0.2:9100', 'localhost', true);
    expect(inventory.addKubernetes('localhost', '10.0.0.2')).toBe(second);
  });

  it('makes another node of an address that was given to another machine', () => {
    const inventory = createNodeInventory();
    const first = inventory.addKubernetes('old', '10.0.0.1');
    expect(inventory.addKubernetes('new', '10.0.0.1')).not.toBe(first);
    expect(inventory.addListed('renamed', '10.0.0.1')).toBe(first);
  });

  it.each([
    [{ node_name: 'worker-1', instance: '10.9.9.9:28282' }],
    [{ node: 'WORKER-1', instance: '10.0.0.9:10250' }],
    [{ Hostname: 'worker-1', instance: '10.9.9.9:9400' }],
    [{ instance: 'worker-1' }],
    [{ instance: '[FD00:0::1]:9999' }],
    [{ instance: '[fd00::1]:9100' }],
  ])('finds the node of %j', (labels) => {
    const inventory = createNodeInventory();
    inventory.addInstance('[fd00::2]:9100', 'worker-2', true);
    const node = inventory.addInstance('[fd00::1]:9100', 'worker-1', true);
    expect(inventory.find(labels, true)).toBe(node);
    expect(inventory.nodes).toHaveLength(2);
  });

  it('makes a node of a series that fits none, once', () => {
    const inventory = createNodeInventory();
    const labels = { node_name: 'lonely', instance: '10.0.0.1:28282' };
    const node = inventory.find(labels, false);
    expect(node).toMatchObject({ key: 'lonely', current: false });
    expect(inventory.find(labels, true)).toBe(node);
    expect(node.current).toBe(true);
  });
});
