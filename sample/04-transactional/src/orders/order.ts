import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('sample_orders')
export class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 100 })
  customer!: string;
}
