import { describe, expect, it } from '@jest/globals';
import { createNodeInventory, hostnameOf, type NodeInventory } from './inventory.js';

const live = { current: true, live: true };
const exporter = (inventory: NodeInventory, instance: string, nodename = '', labels = {}) =>
  inventory.addExporter({ instance, nodename, ...labels }, live);

describe('the node inventory', () => {
  it('joins Kubernetes by node name before address', () => {
    const inventory = createNodeInventory();
    const first = inventory.addKubernetes('worker-1', '10.0.0.2');
    const second = inventory.addKubernetes('worker-2', '10.0.0.3');
    expect(exporter(inventory, '10.0.0.1:9100', 'worker-1')).toBe(first);
    expect(exporter(inventory, '10.0.0.3:9100', 'other')).toBe(second);
    expect(hostnameOf(second)).toBe('worker-2');
    expect(inventory.nodes).toHaveLength(2);
  });

  it('never joins by a part of a name or an address', () => {
    const inventory = createNodeInventory();
    inventory.addKubernetes('worker-1', '10.0.0.1');
    inventory.addKubernetes('worker', null);
    expect(exporter(inventory, '10.0.0.10:9100', 'worker-10').key).toBe('10.0.0.10:9100');
    expect(inventory.nodes).toHaveLength(3);
  });

  it('takes no name for anybody when two machines bear it', () => {
    const inventory = createNodeInventory();
    exporter(inventory, '10.0.0.1:9100', 'localhost');
    const second = exporter(inventory, '10.0.0.2:9100', 'localhost');
    expect(inventory.addKubernetes('localhost', '10.0.0.2')).toBe(second);
    expect(inventory.nodes).toHaveLength(2);
  });

  it('gives an address to who holds it now', () => {
    const inventory = createNodeInventory();
    const holder = inventory.addKubernetes('new', '10.0.0.1');
    const before = inventory.addKubernetes('old', '10.0.0.1');
    expect(before).toMatchObject({ key: 'old', address: null });
    expect(exporter(inventory, '10.0.0.1:9100', 'new')).toBe(holder);
    const gone = { instance: '10.0.0.1:9100', nodename: 'old' };
    expect(inventory.addExporter(gone, { current: true, live: false })).toBe(before);
    expect(inventory.ofInstance('10.0.0.1:9100', true)).toBe(holder);
    expect(inventory.addListed('renamed', '10.0.0.1')).toBe(holder);
    expect(inventory.nodes).toHaveLength(2);
  });

  it("joins a name with and without its domain, where it is one node's", () => {
    const inventory = createNodeInventory();
    const first = inventory.addKubernetes('n1', '10.0.0.1');
    const second = inventory.addKubernetes('n2.eu.example.org', null);
    expect(exporter(inventory, 'n1.example.org:9100', 'n1.example.org')).toBe(first);
    expect(exporter(inventory, 'n2:9100', 'n2')).toBe(second);
    expect(inventory.nodes).toHaveLength(2);
  });

  it('takes a label that names a node before address and kernel', () => {
    const inventory = createNodeInventory();
    const first = inventory.addKubernetes('n1', '10.0.0.1');
    const second = inventory.addKubernetes('n2', '10.0.0.2');
    expect(exporter(inventory, '10.244.0.7:9100', 'exporter-abc', { node: 'n1' })).toBe(first);
    const labels = { node: 'n1', exported_node: 'n2', instance: '10.0.0.1:8080' };
    expect(inventory.find(labels, true)).toBe(second);
    const dcgm = { Hostname: 'dcgm-abc', kubernetes_node: 'n2', instance: '10.244.0.8:9400' };
    expect(inventory.find(dcgm, true)).toBe(second);
    expect(inventory.find({ exported_instance: 'n1', instance: '10.1.1.1:1' }, true)).toBe(first);
    expect(inventory.nodes).toHaveLength(2);
  });

  it('takes the better covered of two exporters of one machine', () => {
    const inventory = createNodeInventory();
    const node = exporter(inventory, '10.0.0.1:9100', 'n1');
    expect(exporter(inventory, '10.0.0.1:9796', 'n1')).toBe(node);
    expect(exporter(inventory, 'n1:9100', 'n1')).toBe(node);
    inventory.chooseInstances(() => (instance) => (instance === '10.0.0.1:9796' ? 600 : 300));
    expect(node).toMatchObject({ key: '10.0.0.1:9796', instance: '10.0.0.1:9796' });
    expect(inventory.nodes).toHaveLength(1);
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
    exporter(inventory, '[fd00::2]:9100', 'worker-2');
    const node = exporter(inventory, '[fd00::1]:9100', 'worker-1');
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
    expect([...inventory.unknown]).toEqual([node]);
  });
});
