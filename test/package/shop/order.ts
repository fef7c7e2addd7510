import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar')
  email!: string;

  @Column('integer')
  amount!: number;

  @Column('boolean', { default: false })
  confirmed!: boolean;
}
